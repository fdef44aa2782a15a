package io.berth.registry.account;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface PolicyRows extends Repository<PolicyEntity, Long> {
    PolicyEntity save(PolicyEntity policy);

    Optional<PolicyEntity> findById(long id);

    Optional<PolicyEntity> findByRepositoriesAndGrantee(String repositories, String grantee);

    List<PolicyEntity> findAll();

    void delete(PolicyEntity policy);

    @Modifying
    @Query("delete from PolicyEntity p where p.grantee = :grantee")
    int deleteByGrantee(String grantee);
}

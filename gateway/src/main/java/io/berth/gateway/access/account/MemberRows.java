package io.berth.gateway.access.account;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface MemberRows extends Repository<MemberEntity, Long> {
    MemberEntity save(MemberEntity member);

    Optional<MemberEntity> findByName(String name);

    List<MemberEntity> findAll();

    void delete(MemberEntity member);
}

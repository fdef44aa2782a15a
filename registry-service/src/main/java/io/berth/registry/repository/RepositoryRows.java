package io.berth.registry.repository;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface RepositoryRows extends Repository<RepositoryEntity, Long> {
    RepositoryEntity save(RepositoryEntity repository);

    @Query("select r.id from RepositoryEntity r where r.name = :name")
    Optional<Long> idOf(String name);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select r from RepositoryEntity r where r.name = :name")
    Optional<RepositoryEntity> lock(String name);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select r from RepositoryEntity r where r.id = :id")
    Optional<RepositoryEntity> lock(long id);

    @Query("select r.name from RepositoryEntity r where r.name > :last order by r.name")
    List<String> namesAfter(String last, Limit limit);
}

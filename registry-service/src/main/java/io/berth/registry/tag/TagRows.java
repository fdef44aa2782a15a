package io.berth.registry.tag;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface TagRows extends Repository<TagEntity, Long> {
    TagEntity save(TagEntity tag);

    Optional<TagEntity> findByRepositoryIdAndName(long repositoryId, String name);

    @Query("""
        select t.digest from TagEntity t, RepositoryEntity r
        where r.name = :repository and t.repositoryId = r.id and t.name = :name\
        """)
    Optional<String> digest(String repository, String name);

    /** Ordered by the whole index: by the name alone H2 would read and sort all tags that follow for each page. */
    @Query("""
        select t.name from TagEntity t where t.repositoryId = :repositoryId and t.name > :last
        order by t.repositoryId, t.name\
        """)
    List<String> namesAfter(long repositoryId, String last, Limit limit);

    @Query("select t.name from TagEntity t where t.repositoryId = :repositoryId and t.digest = :digest")
    List<String> namesOf(long repositoryId, String digest);

    @Modifying
    @Query("delete from TagEntity t where t.repositoryId = :repositoryId and t.name = :name")
    int delete(long repositoryId, String name);

    @Modifying
    @Query("delete from TagEntity t where t.repositoryId = :repositoryId and t.digest = :digest")
    int deleteAllOf(long repositoryId, String digest);
}

package io.berth.registry.manifest;

import java.util.Collection;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface ManifestRows extends Repository<ManifestEntity, Long> {
    ManifestEntity save(ManifestEntity manifest);

    boolean existsByRepositoryIdAndDigest(long repositoryId, String digest);

    List<ManifestEntity> findByRepositoryIdAndDigestIn(long repositoryId, Collection<String> digests);

    @Query("""
            select m from ManifestEntity m, RepositoryEntity r
            where r.name = :repository and m.repositoryId = r.id and m.subject = :subject
              and (:artifactType = '' or m.artifactType = :artifactType) and m.digest > :last
            order by m.digest""")
    List<ManifestEntity> referrers(String repository, String subject, String artifactType, String last, Limit limit);

    @Modifying
    @Query("delete from ManifestEntity m where m.repositoryId = :repositoryId and m.digest = :digest")
    int delete(long repositoryId, String digest);
}

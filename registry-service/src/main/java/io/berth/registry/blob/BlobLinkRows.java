package io.berth.registry.blob;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface BlobLinkRows extends Repository<BlobLinkEntity, Long> {
    BlobLinkEntity save(BlobLinkEntity link);

    @Query("""
            select l.sizeBytes from BlobLinkEntity l, RepositoryEntity r
            where r.name = :repository and l.repositoryId = r.id and l.digest = :digest""")
    Optional<Long> size(String repository, String digest);

    boolean existsByRepositoryIdAndDigest(long repositoryId, String digest);

    List<BlobLinkEntity> findByRepositoryIdAndDigestIn(long repositoryId, Collection<String> digests);

    @Modifying
    @Query("delete from BlobLinkEntity l where l.repositoryId = :repositoryId and l.digest = :digest")
    int delete(long repositoryId, String digest);
}

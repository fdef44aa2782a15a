package io.berth.registry.blob;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface BlobLinkRows extends Repository<BlobLinkEntity, Long> {
    BlobLinkEntity save(BlobLinkEntity link);

    @Query("""
            select l from BlobLinkEntity l, RepositoryEntity r
            where r.name = :repository and l.repositoryId = r.id and l.digest = :digest""")
    Optional<BlobLinkEntity> find(String repository, String digest);

    /** As {@link #find} for whoever is going to push a manifest: damaged content has to come again. */
    @Query(nativeQuery = true, value = """
                    select l.* from blob_link l
                    join repository r on r.id = l.repository_id
                    join blob b on b.digest = l.digest
                    where r.name = :repository and l.digest = :digest and b.damaged_at is null""")
    Optional<BlobLinkEntity> findWhole(String repository, String digest);

    /** Notes interest in a link that no manifest names; changes nothing when one does. */
    @Modifying
    @Query("""
            update BlobLinkEntity l set l.unreferencedSince = :now
            where l.repositoryId = :repositoryId and l.digest = :digest and l.unreferencedSince < :now""")
    int renew(long repositoryId, String digest, Instant now);

    boolean existsByRepositoryIdAndDigest(long repositoryId, String digest);

    List<BlobLinkEntity> findByRepositoryIdAndDigestIn(long repositoryId, Collection<String> digests);

    @Modifying
    @Query("delete from BlobLinkEntity l where l.repositoryId = :repositoryId and l.digest = :digest")
    int delete(long repositoryId, String digest);
}

package io.berth.registry.upload;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface UploadRows extends Repository<UploadEntity, UUID> {
    UploadEntity save(UploadEntity upload);

    Optional<UploadEntity> findById(UUID id);

    @Query("select u.id from UploadEntity u")
    List<UUID> ids();

    @Modifying
    @Query("delete from UploadEntity u where u.id = :id")
    int delete(UUID id);
}

package io.berth.image.store;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface ReferenceRows extends JpaRepository<ReferenceEntity, String> {
    List<ReferenceEntity> findByImageId(String imageId);
}

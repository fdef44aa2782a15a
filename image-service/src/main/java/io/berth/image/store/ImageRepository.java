package io.berth.image.store;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface ImageRepository extends JpaRepository<ImageEntity, String> {
    long countByRetiredFalse();

    List<ImageEntity> findByRetiredFalseAndIdStartingWith(String prefix);
}

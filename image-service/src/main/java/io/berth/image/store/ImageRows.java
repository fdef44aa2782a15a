package io.berth.image.store;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface ImageRows extends JpaRepository<ImageEntity, String> {
    List<ImageEntity> findByRetiredFalseAndIdStartingWith(String prefix);
}

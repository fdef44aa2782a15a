package io.berth.image.store;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface IndexRows extends JpaRepository<IndexEntity, String> {
    List<IndexEntity> findByDigest(String digest);
}

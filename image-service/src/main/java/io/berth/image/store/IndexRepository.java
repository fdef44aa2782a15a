package io.berth.image.store;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface IndexRepository extends JpaRepository<IndexEntity, String> {
    List<IndexEntity> findByDigest(String digest);
}

package io.berth.image.layer;

import org.springframework.data.jpa.repository.JpaRepository;

interface LayerRows extends JpaRepository<LayerEntity, String> {}

package io.berth.image.layer;

import org.springframework.data.jpa.repository.JpaRepository;

interface LayerRepository extends JpaRepository<LayerEntity, String> {}

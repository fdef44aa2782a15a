package io.berth.gateway.access.account;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface ProjectRows extends Repository<ProjectEntity, Long> {
    ProjectEntity save(ProjectEntity project);

    Optional<ProjectEntity> findByName(String name);

    List<ProjectEntity> findAll();

    void delete(ProjectEntity project);
}

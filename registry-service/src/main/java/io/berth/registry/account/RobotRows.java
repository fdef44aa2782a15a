package io.berth.registry.account;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface RobotRows extends Repository<RobotEntity, Long> {
    RobotEntity save(RobotEntity robot);

    Optional<RobotEntity> findByName(String name);

    List<RobotEntity> findAll();

    void delete(RobotEntity robot);
}

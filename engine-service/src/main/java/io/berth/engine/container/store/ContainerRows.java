package io.berth.engine.container.store;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.query.Param;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code container}; each change is one statement and one commit. */
interface ContainerRows extends Repository<ContainerRow, String> {
    @Transactional
    ContainerRow save(ContainerRow row);

    @Transactional(readOnly = true)
    List<ContainerRow> findAll();

    @Transactional
    @Modifying
    @Query("""
            update ContainerRow c set c.status = :status, c.pid = :pid, c.startTicks = :startTicks, c.bootId = :bootId,
                c.exitCode = :exitCode, c.error = :error, c.oomKilled = :oomKilled, c.startedAt = :startedAt,
                c.finishedAt = :finishedAt, c.restartCount = :restartCount, c.stoppedByUser = :stoppedByUser,
                c.health = :health, c.restartDelayMillis = :restartDelayMillis
            where c.id = :id""")
    int updateState(
            @Param("id") String id,
            @Param("status") String status,
            @Param("pid") long pid,
            @Param("startTicks") long startTicks,
            @Param("bootId") String bootId,
            @Param("exitCode") int exitCode,
            @Param("error") String error,
            @Param("oomKilled") boolean oomKilled,
            @Param("startedAt") @Nullable Instant startedAt,
            @Param("finishedAt") @Nullable Instant finishedAt,
            @Param("restartCount") int restartCount,
            @Param("stoppedByUser") boolean stoppedByUser,
            @Param("health") @Nullable String health,
            @Param("restartDelayMillis") long restartDelayMillis);

    @Transactional
    @Modifying
    @Query("update ContainerRow c set c.spec = :spec where c.id = :id")
    int updateSpec(@Param("id") String id, @Param("spec") String spec);

    @Transactional
    @Modifying
    @Query("update ContainerRow c set c.name = :name where c.id = :id")
    int rename(@Param("id") String id, @Param("name") String name);

    @Transactional
    @Modifying
    @Query("delete from ContainerRow c where c.id = :id")
    int remove(@Param("id") String id);
}

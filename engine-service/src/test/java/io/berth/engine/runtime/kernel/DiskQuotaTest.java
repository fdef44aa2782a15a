package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.engine.data.EngineProperties;
import io.berth.engine.quota.DiskQuotas;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What containers may write, where the file system of the temporary directory counts projects. */
@KernelTest
class DiskQuotaTest {
    private static final String FILL = "dd if=/dev/zero of=%s/big bs=64k count=64 2>&1 | grep -c -i quota;"
            + " stat -c %%s %<s/big; rm %<s/big; dd if=/dev/zero of=%<s/fits bs=64k count=8 2>/dev/null; echo $?";

    @TempDir
    Path data;

    private BusyboxContainers containers;
    private DiskQuotas quotas;

    @BeforeEach
    void prepare() throws Exception {
        quotas = new DiskQuotas(new EngineProperties(data.resolve("engine"), data));
        containers = new BusyboxContainers(data);
        assumeTrue(quotas.supported(), "no project quotas in " + data);
    }

    @AfterEach
    void close() {
        containers.close();
    }

    @Test
    void theLayerOfAContainerHasALimitAndItsNeighbourNone() throws Exception {
        Request limited = containers.sh(FILL.formatted(""));
        Path directory = limited.launch().directory();
        Files.createDirectories(directory);
        quotas.reserve(directory, 1 << 20);
        Files.write(directory.resolve("log"), new byte[3 << 20]);
        Run run = limited.run();
        assertThat(run.output()).as(run.error()).startsWith("1\n").endsWith("\n0\n");
        assertThat(Long.parseLong(run.output().lines().skip(1).findFirst().orElseThrow()))
                .isBetween(512L << 10, 1L << 20);
        assertThat(containers.sh(FILL.formatted("")).run().output()).isEqualTo("0\n" + (4 << 20) + "\n0\n");
    }

    @Test
    void aVolumeHasItsOwnLimitAlsoUnderTheNextEngine() throws Exception {
        Path first = Files.createDirectories(data.resolve("engine/volumes/first/_data"));
        Path second = Files.createDirectories(data.resolve("engine/volumes/second/_data"));
        quotas.limit(first, 1 << 20);
        // Begins to count where the one before has ended.
        new DiskQuotas(new EngineProperties(data.resolve("engine"), data)).limit(second, 3 << 20);
        assertThat(containers.sh(FILL.formatted("/v")).bind(first, "/v").run().output())
                .startsWith("1\n")
                .endsWith("\n0\n");
        Run larger = containers
                .sh("dd if=/dev/zero of=/v/big bs=64k count=40 2>/dev/null; echo $?")
                .bind(second, "/v")
                .run();
        assertThat(larger.output()).isEqualTo("0\n");
    }
}

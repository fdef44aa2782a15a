package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.engine.container.AppArmorChoice;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.kernel.KernelTest;
import io.berth.linux.apparmor.AppArmor;
import io.berth.linux.capability.CapabilitySet;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers under AppArmor, where the host has it. */
@KernelTest
class AppArmorTest {
    private static final String PROFILE = "cat /proc/self/attr/apparmor/current";

    @TempDir
    static Path data;

    private static BusyboxContainers containers;

    @BeforeAll
    static void prepare() throws Exception {
        assumeTrue(AppArmor.isSupported(), "the host has no AppArmor");
        containers = new BusyboxContainers(data);
        AppArmorChoice.load(AppArmorChoice.DEFAULT);
    }

    @AfterAll
    static void close() {
        if (containers != null) {
            containers.close();
        }
    }

    private static Request sh(String script) {
        Request request = containers.sh(script);
        request.appArmor = AppArmorChoice.DEFAULT;
        return request;
    }

    @Test
    void theDefaultProfileHoldsForAllThatRunsInIt() throws Exception {
        assertThat(AppArmor.isLoaded(AppArmorChoice.DEFAULT)).isTrue();
        assertThat(sh(PROFILE).run().output()).isEqualTo("docker-default (enforce)\n");
        Request withInit = sh(PROFILE + " /proc/1/attr/apparmor/current");
        withInit.init = true;
        assertThat(withInit.run().output()).isEqualTo("docker-default (enforce)\ndocker-default (enforce)\n");
        Request running = sh("exec sleep 1000");
        ContainerProcess process = running.start();
        try {
            assertThat(running.exec(process, sh(PROFILE)).output()).isEqualTo("docker-default (enforce)\n");
        } finally {
            process.signal(9);
            BusyboxContainers.finish(process);
            running.clean();
        }
        assertThat(containers.sh(PROFILE).run().output()).isEqualTo("unconfined\n");
    }

    /** With all capabilities and no filter it is the profile alone that refuses. */
    @Test
    void theDefaultProfileRefusesWhatReachesTheHost() throws Exception {
        String script = "mount -t tmpfs none /mnt 2>/dev/null || echo no mount;"
                + " (echo core > /proc/sys/kernel/core_pattern) 2>/dev/null || echo no sysctl;"
                + " echo fine > /tmp-file && cat /tmp-file";
        Request request = sh("mkdir /mnt; " + script);
        request.capabilities = CapabilitySet.all();
        request.seccomp = new SeccompChoice.Unconfined();
        request.readonly.clear();
        assertThat(request.run().output()).isEqualTo("no mount\nno sysctl\nfine\n");
    }

    @Test
    void aProfileThatTheKernelDoesNotKnowIsRefused() {
        Request request = sh("true");
        request.appArmor = "nosuch-profile";
        try {
            assertThatThrownBy(request::start)
                    .isInstanceOf(LaunchFailure.class)
                    .hasMessageContaining("apply apparmor profile nosuch-profile")
                    .hasMessageContaining("ENOENT");
        } finally {
            request.clean();
        }
    }
}

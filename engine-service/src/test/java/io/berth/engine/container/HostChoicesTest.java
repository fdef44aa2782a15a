package io.berth.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** From a host configuration to what the kernel is asked, and what is refused in Docker's words. */
class HostChoicesTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();
    private static final CgroupSupport ALL =
            new CgroupSupport(true, true, true, true, true, true, true, true, true, true, true, true, true, "0-1", "0");
    private static final CgroupSupport NONE = new CgroupSupport(
            false, false, false, false, false, false, false, false, false, false, false, false, false, "", "");

    private static HostConfig host(String json) {
        return JSON.readValue(json.replace('\'', '"'), HostConfig.class);
    }

    private static ContainerConfig config(String json) {
        return JSON.readValue(json.replace('\'', '"'), ContainerConfig.class);
    }

    @Test
    void sysctlsOfOwnNamespacesAreTakenInBothSpellings() {
        assertThat(SysctlChoice.of(host("{'Sysctls': {'net.ipv4.ip_forward': '1', 'kernel/sem': '1 2 3 4',"
                        + " 'net/ipv4/conf/eth0.100/forwarding': '0', 'fs.mqueue.msg_max': '9'}}")))
                .containsOnly(
                        java.util.Map.entry("net/ipv4/ip_forward", "1"),
                        java.util.Map.entry("kernel/sem", "1 2 3 4"),
                        java.util.Map.entry("net/ipv4/conf/eth0.100/forwarding", "0"),
                        java.util.Map.entry("fs/mqueue/msg_max", "9"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Sysctls': {'kernel.core_pattern': '|/x'}}",
                "{'Sysctls': {'vm.swappiness': '1'}}",
                "{'Sysctls': {'kernel.hostname': 'x'}}",
                "{'Sysctls': {'kernel.sem': '1\\n2'}}",
                "{'Sysctls': {'net.ipv4.//.//.x': '1'}}",
                "{'Sysctls': {'net..x': '1'}}",
                "{'Sysctls': {'net/../kernel/core_pattern': '1'}}"
            })
    void sysctlsOfTheHostAreRefused(String json) {
        assertThatThrownBy(() -> SysctlChoice.of(host(json)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("sysctl \"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Sysctls': {'net.ipv4.ip_forward': '1'}, 'NetworkMode': 'host'}",
                "{'Sysctls': {'net/ipv4/ip_forward': '1'}, 'NetworkMode': 'container:x'}",
                "{'Sysctls': {'kernel.sem': '1'}, 'IpcMode': 'host'}"
            })
    void sysctlsOfSharedNamespacesAreRefusedAtTheStart(String json) {
        assertThatThrownBy(() -> SysctlChoice.refuseShared(host(json)))
                .isInstanceOf(LaunchFailure.class)
                .hasMessageStartingWith("sysctl \"");
    }

    @Test
    void limitsReachTheirPlaces() {
        CgroupLimits limits = ResourceLimits.of(
                host("{'Memory': 67108864, 'NanoCpus': 1500000000, 'MemorySwappiness': 10, 'OomKillDisable': true,"
                        + " 'CpusetCpus': '0', 'PidsLimit': 0, 'BlkioWeight': 300, 'CpuRealtimeRuntime': 5}"),
                ALL);
        assertThat(limits.memory()).isEqualTo(new CgroupLimits.Memory(67108864L, 134217728L, null, 10L, true));
        assertThat(limits.cpu()).isEqualTo(new CgroupLimits.Cpu(null, 150_000L, 100_000L, 5L, null, "0", null));
        assertThat(limits.pids()).isZero();
        assertThat(limits.blockIo().weight()).isEqualTo(300);
    }

    @Test
    void whatTheHostCannotDoIsDiscardedWithAWarning() {
        HostConfig host = host("{'Memory': 67108864, 'MemorySwappiness': 10, 'OomKillDisable': true, 'CpuShares': 5,"
                + " 'BlkioWeight': 300, 'PidsLimit': 5, 'CpusetCpus': '7'}");
        assertThat(ResourceLimits.of(host, NONE)).isEqualTo(CgroupLimits.NONE);
        assertThat(ResourceWarnings.of(host, NONE))
                .contains(
                        "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation"
                                + " discarded.",
                        "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory"
                                + " swappiness discarded.",
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                        "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
                        "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit"
                                + " discarded.");
        assertThat(ResourceWarnings.of(host, ALL)).isEmpty();
        assertThat(ResourceWarnings.of(host("{}"), NONE)).isEmpty();
        HostConfig left = DiscardedLimits.without(host, NONE);
        assertThat(left).isEqualTo(host("{'MemorySwap': -1}"));
        assertThat(DiscardedLimits.without(host, ALL)).isEqualTo(host);
    }

    /** What version 2 has no files for, and what it has (moby: pkg/sysinfo/cgroup2_linux.go). */
    @Test
    void onVersion2OldLimitsAreDiscardedAsByDocker() {
        CgroupSupport version2 = new CgroupSupport(
                true, true, true, false, false, true, true, false, true, true, true, false, true, "0-1", "0");
        HostConfig host = host("{'Memory': 67108864, 'MemorySwap': 100000000, 'MemoryReservation': 33554432,"
                + " 'MemorySwappiness': 10, 'OomKillDisable': true, 'CpuShares': 512, 'CpuQuota': 5000,"
                + " 'CpuRealtimeRuntime': 5, 'CpuRealtimePeriod': 1000, 'CpusetCpus': '0', 'PidsLimit': 5,"
                + " 'BlkioWeight': 300, 'BlkioWeightDevice': [{'Path': '/dev/null', 'Weight': 100}],"
                + " 'BlkioDeviceReadBps': [{'Path': '/dev/null', 'Rate': 100}], 'KernelMemory': 9000000,"
                + " 'KernelMemoryTCP': 9000000}");
        assertThat(ResourceWarnings.of(host, version2))
                .containsExactly(
                        "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory"
                                + " swappiness discarded.",
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                        "Your kernel does not support CPU real-time scheduler or the cgroup is not mounted. CPU real-time"
                                + " period/runtime discarded.",
                        "Your kernel does not support Block I/O weight_device or the cgroup is not mounted."
                                + " Weight-device discarded.");
        CgroupLimits limits = ResourceLimits.of(host, version2);
        assertThat(limits.memory()).isEqualTo(new CgroupLimits.Memory(67108864L, 100_000_000L, 33554432L, null, null));
        assertThat(limits.cpu()).isEqualTo(new CgroupLimits.Cpu(512L, 5000L, null, null, null, "0", null));
        assertThat(limits.pids()).isEqualTo(5);
        assertThat(limits.blockIo().weight()).isEqualTo(300);
        assertThat(limits.blockIo().weights()).isEmpty();
        assertThat(limits.blockIo().throttles()).hasSize(1);
        HostConfig left = DiscardedLimits.without(host, version2);
        assertThat(left.memorySwappiness()).isNull();
        assertThat(left.oomKillDisable()).isNull();
        assertThat(left.cpuRealtimeRuntime()).isZero();
        assertThat(left.blkioWeightDevice()).isEmpty();
        assertThat(left.memory()).isEqualTo(67108864L);
        assertThat(left.blkioWeight()).isEqualTo(300);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'MemorySwappiness': 101} | valid memory swappiness range is 0-100",
                "{'BlkioWeight': 5} | range of blkio weight is from 10 to 1000",
                "{'CpusetCpus': '0-7'} | Requested CPUs are not available - requested 0-7, available: 0-1",
                "{'CpusetMems': '3'} | Requested memory nodes are not available - requested 3, available: 0",
                "{'IOMaximumIOps': 3} | invalid QoS settings"
            })
    void wrongLimitsAreRefused(String json, String message) {
        assertThatThrownBy(() -> ResourceLimits.check(host(json), ALL))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining(message);
    }

    @Test
    void throttledDevicesAreLookedUp() throws Exception {
        Path directory = Path.of("/sys/dev/block");
        if (Files.isDirectory(directory) && Files.exists(Path.of("/dev/vda"))) {
            CgroupLimits limits =
                    ResourceLimits.of(host("{'BlkioDeviceWriteBps': [{'Path': '/dev/vda', 'Rate': 1000}]}"), ALL);
            assertThat(limits.blockIo().throttles()).singleElement().satisfies(throttle -> {
                assertThat(throttle.kind()).isEqualTo(CgroupLimits.Rate.WRITE_BYTES);
                assertThat(directory.resolve(throttle.major() + ":" + throttle.minor()))
                        .exists();
            });
        }
        assertThatThrownBy(() ->
                        ResourceLimits.of(host("{'BlkioDeviceReadIOps': [{'Path': '/dev/nosuch', 'Rate': 1}]}"), ALL))
                .hasMessage("stat /dev/nosuch: no such file or directory");
    }

    @Test
    void devicesAreMapped() {
        assertThat(DeviceChoice.of(host("{'Devices': [{'PathOnHost': '/dev/a'}, {'PathOnHost': '/dev/b',"
                        + " 'PathInContainer': '/x', 'CgroupPermissions': 'r'}], 'DeviceCgroupRules': ['c 1:* mr']}")))
                .isEqualTo(new DeviceLaunch(
                        List.of(
                                new DeviceLaunch.Node("/dev/a", "/dev/a", "rwm"),
                                new DeviceLaunch.Node("/dev/b", "/x", "r")),
                        List.of("c 1:* mr")));
        assertThatThrownBy(() -> DeviceChoice.of(host("{'DeviceCgroupRules': ['c 1 rw']}")))
                .hasMessage("invalid device cgroup rule format: 'c 1 rw'");
        assertThatThrownBy(() -> DeviceChoice.refuseRequests(
                        host("{'DeviceRequests': [{'Driver': '', 'Count': -1, 'Capabilities': [['gpu']]}]}")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("could not select device driver \"\" with capabilities: [[gpu]]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | {'PidMode': 'x'} | invalid PID mode: x",
                "{} | {'IpcMode': 'container:'} | invalid IPC mode: container:",
                "{} | {'UTSMode': 'private'} | invalid UTS mode: private",
                "{} | {'CgroupnsMode': 'x'} | invalid cgroup namespace mode: x",
                "{'Hostname': 'h'} | {'UTSMode': 'host'} | conflicting options: hostname and the UTS mode",
                "{'Hostname': 'h'} | {'NetworkMode': 'container:x'} | conflicting options: hostname and the network mode",
                "{} | {'NetworkMode': 'container:x', 'Dns': ['1.1.1.1']} | conflicting options: dns and the network mode"
            })
    void contradictingModesAreRefused(String config, String host, String message) {
        assertThatThrownBy(() -> NamespaceModes.check(config(config), host(host)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(message);
    }

    @Test
    void securityOptionsAreDockers() {
        assertThat(SecurityOptions.parse(List.of("no-new-privileges", "label=disable", "label:type:x"), false)
                        .noNewPrivileges())
                .isTrue();
        assertThat(AppArmorChoice.of(host("{}"), true)).isEqualTo("docker-default");
        assertThat(AppArmorChoice.of(host("{'Privileged': true}"), true)).isEqualTo("unconfined");
        assertThat(AppArmorChoice.of(host("{'Privileged': true, 'SecurityOpt': ['apparmor=mine']}"), true))
                .isEqualTo("mine");
        assertThat(AppArmorChoice.of(host("{'SecurityOpt': ['apparmor:mine']}"), false))
                .as("where there is none")
                .isEmpty();
        assertThatThrownBy(() -> SecurityOptions.parse(List.of("apparmor=a b"), false))
                .hasMessage("invalid --security-opt 2: \"apparmor=a b\"");
        assertThatThrownBy(() -> SecurityOptions.parse(List.of("seccomp"), false))
                .hasMessage("invalid --security-opt 1: \"seccomp\"");
        assertThatThrownBy(() -> SecurityOptions.parse(List.of("what=ever"), false))
                .hasMessage("invalid --security-opt 2: \"what=ever\"");
    }
}

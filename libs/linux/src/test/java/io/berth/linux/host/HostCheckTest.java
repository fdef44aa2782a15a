package io.berth.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.KernelVersion;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.host.Finding.Status;
import io.berth.linux.host.HostFacts.Feature;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostCheckTest {
    private static final CapabilitySet EVERYTHING = CapabilitySet.of(Capability.values());
    private static final Set<String> ALL_V1 =
            Set.of("cpu", "cpuacct", "memory", "pids", "devices", "freezer", "blkio", "cpuset");
    private static final Set<String> ALL_V2 = Set.of("cpu", "cpuset", "io", "memory", "pids");

    private static HostFacts facts(
            KernelVersion kernel,
            Set<String> version1,
            Set<String> version2,
            boolean mounted2,
            Set<Feature> features,
            CapabilitySet capabilities) {
        return new HostFacts(
                kernel,
                kernel + ".0",
                version1,
                version2,
                mounted2,
                features,
                10_000,
                capabilities,
                1_048_576,
                Long.MAX_VALUE,
                4_194_304,
                List.of());
    }

    private static Finding finding(HostFacts facts, String subject) {
        return HostCheck.judge(facts).stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCurrentHostIsFine() {
        HostFacts host =
                facts(new KernelVersion(6, 18), Set.of(), ALL_V2, true, EnumSet.allOf(Feature.class), EVERYTHING);
        assertThat(HostCheck.judge(host)).allMatch(finding -> finding.status() == Status.OK);
        assertThat(HostCheck.judge(host)).allMatch(finding -> finding.effect().isEmpty());
    }

    @Test
    void everythingWrongHasAnEffectAndARemedy() {
        HostFacts host = new HostFacts(
                new KernelVersion(4, 4),
                "4.4.0",
                Set.of(),
                Set.of(),
                false,
                Set.of(),
                0,
                CapabilitySet.NONE,
                1024,
                1024,
                32768,
                List.of("ip filter FORWARD"));
        assertThat(HostCheck.judge(host)).allSatisfy(finding -> {
            assertThat(finding.status()).as(finding.subject()).isNotEqualTo(Status.OK);
            assertThat(finding.effect()).isNotEmpty();
            assertThat(finding.remedy()).isNotEmpty();
            assertThat(finding.text()).contains(finding.subject(), " -> ");
        });
    }

    @Test
    void hybridHostsCountAsVersion1() {
        HostFacts host =
                facts(new KernelVersion(6, 1), ALL_V1, Set.of(), true, EnumSet.allOf(Feature.class), EVERYTHING);
        assertThat(finding(host, "cgroups").status()).isEqualTo(Status.OK);
        assertThat(finding(host, "cgroups").detail()).startsWith("version 1 (hybrid): blkio cpu ");
        assertThat(finding(host, "exit status of processes that are not children")
                        .status())
                .isEqualTo(Status.DEGRADED);
        HostFacts empty =
                facts(new KernelVersion(6, 1), Set.of(), Set.of(), true, EnumSet.allOf(Feature.class), EVERYTHING);
        assertThat(finding(empty, "cgroups").status()).isEqualTo(Status.MISSING);
    }

    @Test
    void usersOfTheirOwnNeedAKernelThatMapsOwnersOfOverlays() {
        HostFacts old =
                facts(new KernelVersion(6, 12), Set.of(), ALL_V2, true, EnumSet.allOf(Feature.class), EVERYTHING);
        assertThat(finding(old, "user namespaces").status()).isEqualTo(Status.DEGRADED);
        assertThat(finding(old, "user namespaces").remedy()).isEqualTo("use Linux 6.13 or later");
        HostFacts current =
                facts(new KernelVersion(6, 13), Set.of(), ALL_V2, true, EnumSet.allOf(Feature.class), EVERYTHING);
        assertThat(finding(current, "user namespaces").status()).isEqualTo(Status.OK);
    }

    @Test
    void missingSysResourceOnlyDegrades() {
        HostFacts host = facts(
                new KernelVersion(6, 18),
                Set.of(),
                ALL_V2,
                true,
                EnumSet.allOf(Feature.class),
                EVERYTHING.without(Capability.CAP_SYS_RESOURCE));
        Finding capabilities = finding(host, "capabilities of the engine");
        assertThat(capabilities.status()).isEqualTo(Status.DEGRADED);
        assertThat(capabilities.remedy()).contains("CAP_SYS_RESOURCE");
        HostFacts useless = facts(
                new KernelVersion(6, 18),
                Set.of(),
                ALL_V2,
                true,
                EnumSet.allOf(Feature.class),
                EVERYTHING.without(Capability.CAP_SYS_ADMIN));
        assertThat(finding(useless, "capabilities of the engine").status()).isEqualTo(Status.MISSING);
    }

    @Test
    void readsHardLimits() {
        String limits = """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             100                  unlimited            processes
                Max open files            1024                 524288               files
                """;
        assertThat(HostProbe.hardLimit(limits, "Max open files")).isEqualTo(524_288);
        assertThat(HostProbe.hardLimit(limits, "Max processes")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void looksAtThisHost() {
        HostFacts here = HostProbe.probe();
        assertThat(here.features()).contains(Feature.OPENAT2, Feature.CLONE3, Feature.PIDFD, Feature.SECCOMP_FILTER);
        assertThat(here.maxPids()).as("the kernel allows no less").isGreaterThan(300);
        List<Finding> findings = HostCheck.run();
        assertThat(findings).hasSize(17);
        findings.forEach(finding -> assertThat(finding.text()).isNotBlank());
    }
}

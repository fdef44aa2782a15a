package io.berth.engine.check;

import io.berth.engine.network.kernel.RouteOverlaps;
import io.berth.linux.host.Finding;
import io.berth.linux.host.HostCheck;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints what this host offers and lacks for running containers: for each thing missing, the effect and the remedy. Exits with 1
 * when containers cannot run at all.
 */
public final class HostCheckMain {
    private HostCheckMain() {}

    public static void main(String[] args) {
        List<Finding> findings = new ArrayList<>(HostCheck.run());
        findings.add(RouteOverlaps.check());
        try (PrintStream out =
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            out.print(report(findings));
        }
        boolean runnable = findings.stream().noneMatch(finding -> finding.status() == Finding.Status.MISSING);
        Runtime.getRuntime().exit(runnable ? 0 : 1);
    }

    /** One line for each finding, and one that sums up. */
    static String report(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        findings.forEach(finding -> text.append(finding.text()).append('\n'));
        long missing = count(findings, Finding.Status.MISSING);
        long degraded = count(findings, Finding.Status.DEGRADED);
        return text.append(
                        missing == 0
                                ? "containers can run here"
                                : "containers cannot run here: " + missing + " missing")
                .append(degraded == 0 ? "" : ", " + degraded + " degraded")
                .append('\n')
                .toString();
    }

    private static long count(List<Finding> findings, Finding.Status status) {
        return findings.stream().filter(finding -> finding.status() == status).count();
    }
}

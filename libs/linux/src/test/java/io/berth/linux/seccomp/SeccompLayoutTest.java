package io.berth.linux.seccomp;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structs and constants as the C compiler of this machine has them. */
class SeccompLayoutTest {
    @TempDir
    Path directory;

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    @Test
    void seccompAndBpf() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct sock_filter)", (long) SeccompFilter.INSTRUCTION_SIZE);
        expected.put("offsetof(struct sock_filter, k)", 4L);
        expected.put("sizeof(struct sock_fprog)", 16L);
        expected.put("offsetof(struct sock_fprog, filter)", 8L);
        expected.put("offsetof(struct seccomp_data, arch)", 4L);
        expected.put("offsetof(struct seccomp_data, args)", 16L);
        expected.put("SECCOMP_RET_ALLOW", unsigned(SeccompAction.ALLOW.value()));
        expected.put("SECCOMP_RET_KILL_PROCESS", unsigned(SeccompAction.KILL_PROCESS.value()));
        expected.put("SECCOMP_RET_ERRNO | 38", unsigned(SeccompAction.errno(38).value()));
        expected.put("SECCOMP_RET_KILL_THREAD", value("SCMP_ACT_KILL"));
        expected.put("SECCOMP_RET_TRAP", value("SCMP_ACT_TRAP"));
        expected.put("SECCOMP_RET_TRACE | 1", value("SCMP_ACT_TRACE"));
        expected.put("SECCOMP_RET_LOG", value("SCMP_ACT_LOG"));
        expected.put("SECCOMP_FILTER_FLAG_LOG", (long) SeccompFilter.FLAG_LOG);
        expected.put("SECCOMP_FILTER_FLAG_SPEC_ALLOW", (long) SeccompFilter.FLAG_SPEC_ALLOW);
        for (SeccompArchitecture architecture :
                List.of(SeccompArchitecture.X86_64, SeccompArchitecture.AARCH64, SeccompArchitecture.ARM)) {
            expected.put("AUDIT_ARCH_" + architecture.name(), unsigned(architecture.auditArch()));
        }
        expected.put("AUDIT_ARCH_I386", unsigned(SeccompArchitecture.X86.auditArch()));
        expected.put("BPF_LD | BPF_W | BPF_ABS", (long) BpfInstruction.LOAD_WORD);
        expected.put("BPF_ALU | BPF_AND | BPF_K", (long) BpfInstruction.AND);
        expected.put("BPF_JMP | BPF_JA", (long) BpfInstruction.JUMP);
        expected.put("BPF_JMP | BPF_JEQ | BPF_K", (long) BpfInstruction.JUMP_EQUAL);
        expected.put("BPF_JMP | BPF_JGT | BPF_K", (long) BpfInstruction.JUMP_GREATER);
        expected.put("BPF_JMP | BPF_JGE | BPF_K", (long) BpfInstruction.JUMP_GREATER_OR_EQUAL);
        expected.put("BPF_RET | BPF_K", (long) BpfInstruction.RETURN);
        NativeTools.compareWithC(
                directory, List.of("<linux/seccomp.h>", "<linux/filter.h>", "<linux/audit.h>"), expected);
    }

    private static long value(String action) {
        return unsigned(SeccompAction.parse(action, null).value());
    }
}

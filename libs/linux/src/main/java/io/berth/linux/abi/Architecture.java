package io.berth.linux.abi;

/** The CPU architectures that launch programs exist for. */
public enum Architecture {
    X86_64,
    AARCH64;

    /** The one this JVM runs on. */
    public static final Architecture CURRENT = of(System.getProperty("os.arch"));

    static Architecture of(String osArch) {
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default ->
                throw new UnsupportedOperationException(
                        "no launch program for architecture " + osArch + ": only x86-64 and aarch64 are supported");
        };
    }
}

package io.berth.unixhttp;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What this process was built from. Immutable.
 *
 * @param version such as {@code 0.1.0}
 * @param commit the first digits of the commit's id, with {@code -dirty} behind them when files had been changed; empty when it is not
 *     known
 */
public record Build(String version, String commit) {
    /** Set by who starts the process: were it in a file of the build, each commit would change what all images share. */
    private static final String COMMIT_PROPERTY = "berth.commit";

    private static final String FIRST_VERSION = "0.1.0";
    private static final Build CURRENT =
            of(Build.class.getPackage().getImplementationVersion(), System.getProperty(COMMIT_PROPERTY));

    public static Build current() {
        return CURRENT;
    }

    /**
     * What {@code docker version} shows of a service of this build, sorted.
     *
     * @param more of the service's own
     */
    public Map<String, String> details(Map<String, String> more) {
        Map<String, String> details = new TreeMap<>(more);
        details.put("JavaVersion", Runtime.version().toString());
        if (!commit.isEmpty()) {
            details.put("GitCommit", commit);
        }
        return details;
    }

    static Build of(@Nullable String version, @Nullable String commit) {
        return new Build(
                version == null ? FIRST_VERSION : version.replace("-SNAPSHOT", ""), commit == null ? "" : commit);
    }
}

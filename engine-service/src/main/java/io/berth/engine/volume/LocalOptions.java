package io.berth.engine.volume;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.quota.SizeText;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the driver {@code local} can be told (moby: volume/local/local_unix.go).
 *
 * <p>{@code type}, {@code device} and {@code o} name a file system that is mounted while containers use the volume. Beyond
 * Docker, {@code o} may stand alone with {@code uid}, {@code gid} and {@code mode}: those of a plain volume's directory.
 *
 * @param type of the file system to mount, or empty for a plain directory
 * @param device to mount from
 * @param mountOptions as in fstab(5)
 * @param owner of a plain directory
 * @param sizeBytes that it may take; zero is unlimited
 */
record LocalOptions(String type, String device, List<String> mountOptions, Owner owner, long sizeBytes) {
    private static final Set<String> KEYS = Set.of("type", "o", "device", "size");
    private static final Pattern OWNER_OPTION = Pattern.compile("(uid|gid)=\\d{1,10}|mode=[0-7]{1,4}");
    private static final long MAX_ID = 0xFFFF_FFFEL;

    LocalOptions {
        mountOptions = List.copyOf(mountOptions);
    }

    /**
     * Owner and mode of a directory; null leaves it as it is.
     *
     * @param mode permission bits
     */
    record Owner(
            @Nullable Long uid,
            @Nullable Long gid,
            @Nullable Integer mode) {
        static final Owner UNCHANGED = new Owner(null, null, null);
    }

    /** Whether something has to be mounted before the volume can be used. */
    boolean needsMount() {
        return !type.isEmpty() || !device.isEmpty();
    }

    /**
     * Reads options.
     *
     * @throws InvalidParameter in moby's words
     */
    static LocalOptions parse(@Nullable Map<String, String> options) {
        Map<String, String> given = options == null ? Map.of() : options;
        for (String key : given.keySet()) {
            if (!KEYS.contains(key)) {
                throw new InvalidParameter("invalid option: \"" + key + "\"");
            }
        }
        String type = given.getOrDefault("type", "");
        String device = given.getOrDefault("device", "");
        if (type.equals("cifs") && !device.isEmpty()) {
            refusePort(device);
        }
        long size = given.containsKey("size") ? SizeText.bytes(given.getOrDefault("size", "")) : 0;
        if (size > 0 && (!type.isEmpty() || !device.isEmpty())) {
            // What is mounted there is not the engine's to limit.
            throw noQuota();
        }
        List<String> mountOptions = Stream.of(given.getOrDefault("o", "").split(","))
                .filter(option -> !option.isEmpty())
                .toList();
        boolean ownerOnly = !given.containsKey("type")
                && !given.containsKey("device")
                && !mountOptions.isEmpty()
                && mountOptions.stream()
                        .allMatch(option -> OWNER_OPTION.matcher(option).matches());
        if (ownerOnly) {
            return new LocalOptions("", "", List.of(), owner(mountOptions), size);
        }
        require(given, "device", "type");
        require(given, "type", "device");
        require(given, "o", "device");
        require(given, "o", "type");
        return new LocalOptions(type, device, mountOptions, Owner.UNCHANGED, size);
    }

    private static void require(Map<String, String> given, String option, String needed) {
        if (given.containsKey(option) && !given.containsKey(needed)) {
            throw new InvalidParameter("missing required option: \"" + needed + "\"");
        }
    }

    private static void refusePort(String device) {
        try {
            if (new URI(device).getPort() >= 0) {
                throw new InvalidParameter("port not allowed in CIFS device URL, include 'port' in 'o='");
            }
        } catch (URISyntaxException e) {
            throw new InvalidParameter("error parsing mount device url: " + e.getMessage(), e);
        }
    }

    /** A size that could not be enforced must not be promised. */
    static InvalidParameter noQuota() {
        return new InvalidParameter("quota size requested but no quota support");
    }

    private static Owner owner(List<String> options) {
        @Nullable Long uid = null;
        @Nullable Long gid = null;
        @Nullable Integer mode = null;
        for (String option : options) {
            int equals = option.indexOf('=');
            String value = option.substring(equals + 1);
            switch (option.substring(0, equals)) {
                case "uid" -> uid = id(option, value);
                case "gid" -> gid = id(option, value);
                default -> mode = Integer.parseInt(value, 8);
            }
        }
        return new Owner(uid, gid, mode);
    }

    private static long id(String option, String value) {
        long id = Long.parseLong(value);
        if (id > MAX_ID) {
            throw new InvalidParameter("invalid option: \"" + option + "\"");
        }
        return id;
    }
}

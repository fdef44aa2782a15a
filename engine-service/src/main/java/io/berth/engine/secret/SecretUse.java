package io.berth.engine.secret;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * That a container has a secret or config as a file, as an annotation asks for it:
 *
 * <pre>io.berth.secret.db-password=            /run/secrets/db-password
 * io.berth.secret.db-password=/etc/db.pw,uid=70,mode=0400
 * io.berth.config.nginx=/etc/nginx/nginx.conf</pre>
 *
 * @param id of the one that the name stood for when the container was made; empty before that
 * @param target absolute path inside the container
 * @param uid owner inside the container
 * @param gid group inside the container
 * @param mode permission bits; 0444 unless told otherwise, as in Docker
 */
public record SecretUse(SecretKind kind, String name, String id, String target, long uid, long gid, int mode) {
    private static final String PREFIX = "io.berth.";
    private static final int DEFAULT_MODE = 0444;
    private static final Pattern ID = Pattern.compile("\\d{1,9}");
    private static final Pattern MODE = Pattern.compile("[0-7]{1,4}");

    /**
     * All uses that a container's annotations ask for, by kind and name.
     *
     * @throws InvalidParameter for a wrong value
     */
    public static List<SecretUse> of(@Nullable Map<String, String> annotations) {
        List<SecretUse> uses = new ArrayList<>();
        for (Map.Entry<String, String> annotation :
                new TreeMap<>(annotations == null ? Map.of() : annotations).entrySet()) {
            for (SecretKind kind : SecretKind.values()) {
                String prefix = PREFIX + kind.word() + ".";
                if (annotation.getKey().startsWith(prefix)) {
                    uses.add(parse(kind, annotation.getKey().substring(prefix.length()), annotation.getValue()));
                }
            }
        }
        return List.copyOf(uses);
    }

    /** Whether it is this one that is meant; of a container that was made before ids were kept, by its name. */
    public boolean isOf(Secret secret) {
        return secret.kind() == kind
                && (id.isEmpty() ? secret.name().equals(name) : secret.id().equals(id));
    }

    /** By which it is told from the container's others. */
    public String key() {
        return kind.word() + "." + name;
    }

    /** The same when it is known which one is meant. */
    public SecretUse withId(String meant) {
        return new SecretUse(kind, name, meant, target, uid, gid, mode);
    }

    private static SecretUse parse(SecretKind kind, String name, String value) {
        String[] parts = value.split(",", -1);
        long uid = 0;
        long gid = 0;
        int mode = DEFAULT_MODE;
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String key = equals < 0 ? parts[i] : parts[i].substring(0, equals);
            String given = equals < 0 ? "" : parts[i].substring(equals + 1);
            boolean right = (key.equals("mode") ? MODE : ID).matcher(given).matches();
            switch (right ? key : "") {
                case "uid" -> uid = Long.parseLong(given);
                case "gid" -> gid = Long.parseLong(given);
                case "mode" -> mode = Integer.parseInt(given, 8);
                default ->
                    throw new InvalidParameter("invalid annotation " + PREFIX + kind.word() + "." + name
                            + ": unknown or wrong option \"" + parts[i] + "\"");
            }
        }
        return new SecretUse(kind, name, "", target(kind, name, parts[0].strip()), uid, gid, mode);
    }

    private static String target(SecretKind kind, String name, String given) {
        if (given.startsWith("/")) {
            return given;
        }
        String directory = kind.directory().equals("/") ? "" : kind.directory();
        return directory + "/" + (given.isEmpty() ? name : given);
    }
}

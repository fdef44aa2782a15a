package io.berth.dockerfile;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one {@code --mount} (BuildKit {@code instructions/commands_runmount.go}). Used once. */
final class MountParser {
    private static final List<String> TYPES = List.of("bind", "cache", "secret", "ssh", "tmpfs");
    private static final List<String> SHARING = List.of("locked", "private", "shared");
    private static final List<String> KEYS = List.of(
            "type",
            "from",
            "source",
            "target",
            "readonly",
            "id",
            "sharing",
            "required",
            "size",
            "mode",
            "uid",
            "gid",
            "src",
            "dst",
            "destination",
            "ro",
            "rw",
            "readwrite",
            "env");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?) ?([kKmMgGtTpP])?[iI]?[bB]?");

    private final UnaryOperator<String> expander;
    private String type = "bind";
    private String from = "";
    private String source = "";
    private String target = "";
    private String id = "";
    private @Nullable String variable;
    private @Nullable Boolean readOnly;
    private RunMount.@Nullable CacheSharing sharing;
    private boolean required;
    private long size;
    private long mode = -1;
    private long uid = -1;
    private long gid = -1;

    private MountParser(UnaryOperator<String> expander) {
        this.expander = expander;
    }

    /** What can be told before variables are known. */
    static void check(String flag) {
        for (String field : fields(flag)) {
            int equals = field.indexOf('=');
            int dollar = field.indexOf('$', equals + 1);
            if (equals >= 0
                    && field.substring(0, equals).equalsIgnoreCase("from")
                    && dollar >= 0
                    && dollar + 1 < field.length()) {
                throw new DockerfileException("'from' doesn't support variable expansion, define alias stage instead");
            }
        }
    }

    static RunMount parse(String flag, UnaryOperator<String> expander) {
        MountParser parser = new MountParser(expander);
        fields(flag).forEach(parser::field);
        return parser.mount();
    }

    private void field(String field) {
        int equals = field.indexOf('=');
        String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
        if (equals < 0) {
            switch (key) {
                case "readonly", "ro" -> readOnly = true;
                case "readwrite", "rw" -> readOnly = false;
                case "required" -> {
                    only(key, "secret", "ssh");
                    required = true;
                }
                default -> throw new DockerfileException("invalid field '" + field + "' must be a key=value pair");
            }
            return;
        }
        String value = expander.apply(field.substring(equals + 1));
        switch (key) {
            case "type" -> type = oneOf("mount type", value, TYPES);
            case "from" -> from = value;
            case "source", "src" -> source = value;
            case "target", "dst", "destination" -> target = value;
            case "readonly", "ro" -> readOnly = bool(key, value);
            case "readwrite", "rw" -> readOnly = !bool(key, value);
            case "required" -> {
                only(key, "secret", "ssh");
                required = bool(key, value);
            }
            case "size" -> {
                only(key, "tmpfs");
                size = size(value);
            }
            case "id" -> id = value;
            case "sharing" ->
                sharing = RunMount.CacheSharing.valueOf(
                        oneOf("sharing value", value, SHARING).toUpperCase(Locale.ROOT));
            case "mode" -> mode = number(key, value, 8);
            case "uid" -> uid = number(key, value, 10);
            case "gid" -> gid = number(key, value, 10);
            case "env" -> variable = value;
            default ->
                throw new DockerfileException(
                        Suggestion.append("unexpected key '" + key + "' in '" + field + "'", key, KEYS, true));
        }
    }

    private void only(String key, String... types) {
        if (!List.of(types).contains(type)) {
            throw new DockerfileException("unexpected key '" + key + "' for mount type '" + type + "'");
        }
    }

    private static String oneOf(String what, String value, List<String> known) {
        String lower = value.toLowerCase(Locale.ROOT);
        if (!known.contains(lower)) {
            throw new DockerfileException(
                    Suggestion.append("unsupported " + what + " " + Text.quote(value), value, known, true));
        }
        return lower;
    }

    private static boolean bool(String key, String value) {
        Boolean parsed = Text.parseBoolean(value);
        if (parsed == null) {
            throw new DockerfileException("invalid value for " + key + ": " + value);
        }
        return parsed;
    }

    private static long number(String key, String value, int radix) {
        try {
            if (!value.matches("[0-9]{1,12}")) {
                throw new NumberFormatException(value);
            }
            return Integer.toUnsignedLong(Integer.parseUnsignedInt(value, radix));
        } catch (NumberFormatException e) {
            throw new DockerfileException("invalid value " + value + " for " + key);
        }
    }

    /** {@code units.RAMInBytes}. */
    private static long size(String value) {
        Matcher matcher = SIZE.matcher(value);
        if (!matcher.matches()) {
            throw new DockerfileException("invalid value for size: " + value);
        }
        int power = matcher.group(2) == null
                ? 0
                : 1 + "kmgtp".indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new DockerfileException("invalid value for size: " + value);
        }
        return bytes.longValue();
    }

    private RunMount mount() {
        boolean owned = type.equals("secret") || type.equals("ssh") || type.equals("cache");
        notAllowed(!owned && mode >= 0, "mode");
        notAllowed(!owned && uid >= 0, "uid");
        notAllowed(!owned && gid >= 0, "gid");
        if (sharing != null && !type.equals("cache")) {
            throw new DockerfileException(
                    type.equals("secret")
                            ? "secret mount should not define sharing"
                            : "invalid cache sharing set for " + type + " mount");
        }
        return switch (type) {
            case "bind" -> new RunMount.Bind(target, orNull(from), source, !Boolean.FALSE.equals(readOnly));
            case "cache" ->
                new RunMount.Cache(
                        target,
                        id.isEmpty() ? target : id,
                        sharing == null ? RunMount.CacheSharing.SHARED : sharing,
                        Boolean.TRUE.equals(readOnly),
                        orNull(from),
                        source,
                        (int) mode,
                        uid,
                        gid);
            case "tmpfs" -> new RunMount.Tmpfs(target, size);
            case "secret" -> secret();
            default -> new RunMount.Ssh(id.isEmpty() ? "default" : id, orNull(target), required, (int) mode, uid, gid);
        };
    }

    private RunMount secret() {
        if (!from.isEmpty()) {
            throw new DockerfileException("secret mount should not have a from");
        }
        if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
            throw new DockerfileException("invalid secret mount. one of source, target required");
        }
        if (!source.isEmpty() && !id.isEmpty()) {
            throw new DockerfileException("both source and id can't be set");
        }
        String name = !source.isEmpty() ? source : !id.isEmpty() ? id : base(target);
        String path = orNull(target);
        if (path == null && variable == null) {
            path = "/run/secrets/" + base(name);
        }
        return new RunMount.Secret(name, path, variable, required, (int) mode, uid, gid);
    }

    /** The last part of a path. */
    private static String base(String path) {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 2) + 1, end);
    }

    private void notAllowed(boolean given, String key) {
        if (given) {
            throw new DockerfileException(key + " not allowed for " + Text.quote(type) + " type mounts");
        }
    }

    private static @Nullable String orNull(String value) {
        return value.isEmpty() ? null : value;
    }

    /** The fields of one line of comma-separated values, as Go's {@code encoding/csv} reads it. */
    private static List<String> fields(String flag) {
        List<String> fields = new ArrayList<>();
        if (flag.isEmpty()) {
            throw new DockerfileException("failed to parse csv mounts: EOF");
        }
        int i = 0;
        while (true) {
            StringBuilder field = new StringBuilder();
            if (i < flag.length() && flag.charAt(i) == '"') {
                i++;
                while (true) {
                    int quote = flag.indexOf('"', i);
                    if (quote < 0) {
                        throw malformed("extraneous or missing \" in quoted-field", flag.length() + 1);
                    }
                    field.append(flag, i, quote);
                    i = quote + 1;
                    if (i == flag.length() || flag.charAt(i) != '"') {
                        break;
                    }
                    field.append('"');
                    i++;
                }
                if (i < flag.length() && flag.charAt(i) != ',') {
                    throw malformed("extraneous or missing \" in quoted-field", i);
                }
            } else {
                int comma = flag.indexOf(',', i);
                int end = comma < 0 ? flag.length() : comma;
                field.append(flag, i, end);
                int quote = field.indexOf("\"");
                if (quote >= 0) {
                    throw malformed("bare \" in non-quoted-field", i + quote + 1);
                }
                i = end;
            }
            fields.add(field.toString());
            if (i == flag.length()) {
                return fields;
            }
            i++;
        }
    }

    private static DockerfileException malformed(String what, int column) {
        return new DockerfileException(
                "failed to parse csv mounts: parse error on line 1, column " + column + ": " + what);
    }
}

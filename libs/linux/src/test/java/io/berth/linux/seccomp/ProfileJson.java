package io.berth.linux.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads profiles for tests: just enough JSON, since this module has no JSON library. */
final class ProfileJson {
    private final String text;
    private int at;

    private ProfileJson(String text) {
        this.text = text;
    }

    static SeccompProfile dockerDefault() {
        try (InputStream in = Objects.requireNonNull(ProfileJson.class.getResourceAsStream("docker-default.json"))) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static SeccompProfile parse(String json) {
        Map<String, Object> root = map(new ProfileJson(json).value());
        return new SeccompProfile(
                (String) root.get("defaultAction"),
                integer(root.get("defaultErrnoRet")),
                list(root.get("archMap")).stream()
                        .map(ProfileJson::map)
                        .map(family -> new SeccompProfile.ArchMap(
                                (String) family.get("architecture"), strings(family.get("subArchitectures"))))
                        .toList(),
                strings(root.get("architectures")),
                root.containsKey("flags") ? strings(root.get("flags")) : null,
                list(root.get("syscalls")).stream().map(rule -> rule(map(rule))).toList());
    }

    private static SeccompProfile.Rule rule(Map<String, Object> rule) {
        return new SeccompProfile.Rule(
                strings(rule.get("names")),
                (String) rule.get("name"),
                (String) rule.get("action"),
                integer(rule.get("errnoRet")),
                list(rule.get("args")).stream()
                        .map(ProfileJson::map)
                        .map(arg -> new SeccompProfile.Arg(
                                Objects.requireNonNull(integer(arg.get("index"))),
                                (BigInteger) arg.get("value"),
                                (BigInteger) arg.get("valueTwo"),
                                (String) Objects.requireNonNull(arg.get("op"))))
                        .toList(),
                (String) rule.get("comment"),
                filter(rule.get("includes")),
                filter(rule.get("excludes")));
    }

    private static SeccompProfile.@Nullable Filter filter(@Nullable Object json) {
        if (json == null) {
            return null;
        }
        Map<String, Object> filter = map(json);
        return new SeccompProfile.Filter(
                strings(filter.get("arches")), strings(filter.get("caps")), (String) filter.get("minKernel"));
    }

    private static @Nullable Integer integer(@Nullable Object json) {
        return json == null ? null : ((BigInteger) json).intValueExact();
    }

    private static List<String> strings(@Nullable Object json) {
        return list(json).stream().map(String.class::cast).toList();
    }

    @SuppressWarnings("unchecked") // the parser below makes nothing else
    private static List<Object> list(@Nullable Object json) {
        return json == null ? List.of() : (List<Object>) json;
    }

    @SuppressWarnings("unchecked") // the parser below makes nothing else
    private static Map<String, Object> map(@Nullable Object json) {
        return (Map<String, Object>) Objects.requireNonNull(json);
    }

    private @Nullable Object value() {
        skip();
        char c = text.charAt(at);
        if (c == '{') {
            Map<String, Object> map = new LinkedHashMap<>();
            at++;
            while (more('}')) {
                String key = string();
                skip();
                at++; // colon
                Object value = value();
                if (value != null) {
                    map.put(key, value);
                }
            }
            return map;
        } else if (c == '[') {
            List<Object> list = new ArrayList<>();
            at++;
            while (more(']')) {
                list.add(Objects.requireNonNull(value()));
            }
            return list;
        } else if (c == '"') {
            return string();
        } else if (text.startsWith("null", at)) {
            at += 4;
            return null;
        }
        int start = at;
        while ("0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return new BigInteger(text.substring(start, at));
    }

    private boolean more(char end) {
        skip();
        if (text.charAt(at) == ',') {
            at++;
            skip();
        }
        if (text.charAt(at) == end) {
            at++;
            return false;
        }
        return true;
    }

    private String string() {
        int end = text.indexOf('"', at + 1);
        String string = text.substring(at + 1, end);
        at = end + 1;
        return string;
    }

    private void skip() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}

package io.berth.linux.user;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A container's users and groups: the text of its /etc/passwd (passwd(5)) and /etc/group (group(5)).
 *
 * <p>Resolves Docker's {@code user[:group]} form as moby does (moby: vendor/github.com/moby/sys/user, GetExecUser), and
 * stricter where images have abused it: digits are always an id and never looked up as a name, and an id must fit
 * 0 to 2147483647, so that none wraps around to root.
 */
public final class UserDatabase {
    private static final long MAX_ID = Integer.MAX_VALUE;
    private static final Pattern DIGITS = Pattern.compile("-?[0-9]{1,19}");

    private final List<UserEntry> users;
    private final List<GroupEntry> groups;

    /**
     * @param passwd text of the passwd file, empty when there is none; lines of another form are skipped
     * @param group text of the group file, likewise
     */
    public UserDatabase(String passwd, String group) {
        this.users = passwd.lines()
                .map(UserEntry::parse)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        this.groups = group.lines()
                .map(GroupEntry::parse)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /**
     * Who a process runs as.
     *
     * @param groups supplementary groups, the primary one among them
     * @param home home directory, {@code /} when the user has no entry
     */
    public record Credentials(int uid, int gid, List<Integer> groups, String home) {
        public Credentials {
            groups = List.copyOf(groups);
        }
    }

    /**
     * Resolves what the user asked for.
     *
     * @param specification {@code ""}, {@code user} or {@code user:group}, each a name or an id
     * @param groupAdd further groups, each a name or an id
     * @throws InvalidUser when a name has no entry or an id is out of range
     */
    public Credentials resolve(String specification, List<String> groupAdd) {
        String userPart = specification;
        String groupPart = null;
        int colon = specification.indexOf(':');
        if (colon >= 0) {
            userPart = specification.substring(0, colon);
            groupPart = specification.substring(colon + 1);
            if (groupPart.isEmpty() || groupPart.indexOf(':') >= 0) {
                throw new InvalidUser("invalid user specification: " + specification);
            }
        }
        UserEntry user = user(userPart);
        Set<Integer> supplementary = new LinkedHashSet<>();
        int gid;
        if (groupPart == null) {
            gid = user.gid();
            supplementary.add(gid);
            if (user.name() != null) {
                groups.stream()
                        .filter(group -> group.members().contains(user.name()))
                        .forEach(group -> supplementary.add(group.gid()));
            }
        } else {
            gid = gid(groupPart);
            supplementary.add(gid);
        }
        for (String further : groupAdd) {
            supplementary.add(furtherGid(further));
        }
        return new Credentials(user.uid(), gid, new ArrayList<>(supplementary), user.home());
    }

    /**
     * Whose a file is to be, as {@code chown} takes it: {@code user}, {@code user:group} or {@code :group}; a user without a
     * group gives the group of the same number, as Dockerfiles have it (moby: builder/dockerfile/copy_unix.go).
     *
     * @throws InvalidUser when a name has no entry or an id is out of range
     */
    public Owner owner(String specification) {
        int colon = specification.indexOf(':');
        String userPart = colon < 0 ? specification : specification.substring(0, colon);
        String groupPart = colon < 0 ? userPart : specification.substring(colon + 1);
        int uid = user(userPart).uid();
        if (colon < 0 && id(userPart.isEmpty() ? "0" : userPart).isEmpty()) {
            return new Owner(uid, user(userPart).gid());
        }
        return new Owner(uid, gid(groupPart.isEmpty() ? "0" : groupPart));
    }

    /** Owner of a file. */
    public record Owner(int uid, int gid) {}

    private UserEntry user(String text) {
        OptionalLong id = id(text.isEmpty() ? "0" : text);
        if (id.isPresent()) {
            int uid = (int) id.getAsLong();
            return first(entry -> entry.uid() == uid).orElse(new UserEntry(null, uid, 0, "/"));
        }
        return first(entry -> text.equals(entry.name()))
                .orElseThrow(
                        () -> new InvalidUser("unable to find user " + text + ": no matching entries in passwd file"));
    }

    private java.util.Optional<UserEntry> first(Predicate<UserEntry> wanted) {
        return users.stream().filter(wanted).findFirst();
    }

    /** Of a group to add: moby words its absence with a capital. */
    private int furtherGid(String text) {
        try {
            return gid(text);
        } catch (InvalidUser e) {
            throw new InvalidUser(String.valueOf(e.getMessage()).replaceFirst("^unable", "Unable"));
        }
    }

    private int gid(String text) {
        OptionalLong id = id(text);
        if (id.isPresent()) {
            return (int) id.getAsLong();
        }
        return groups.stream()
                .filter(group -> group.name().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new InvalidUser("unable to find group " + text + ": no matching entries in group file"))
                .gid();
    }

    /** The id that a text consists of, or empty when it is a name. */
    private static OptionalLong id(String text) {
        boolean numeric = !text.isEmpty()
                && text.chars()
                        .skip(text.charAt(0) == '-' && text.length() > 1 ? 1 : 0)
                        .allMatch(c -> c >= '0' && c <= '9');
        if (!numeric) {
            return OptionalLong.empty();
        }
        OptionalLong id = idInRange(text);
        if (id.isEmpty()) {
            throw new InvalidUser("uids and gids must be in range 0-2147483647: " + text);
        }
        return id;
    }

    /** Java's own parser takes the digits of every script, which nobody else who reads these files does. */
    private static OptionalLong idInRange(String digits) {
        try {
            long value = DIGITS.matcher(digits).matches() ? Long.parseLong(digits) : -1;
            return value >= 0 && value <= MAX_ID ? OptionalLong.of(value) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The user or group that was asked for does not exist or is no valid id. */
    public static final class InvalidUser extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidUser(String message) {
            super(message);
        }
    }

    private record UserEntry(@Nullable String name, int uid, int gid, String home) {
        static @Nullable UserEntry parse(String line) {
            String[] fields = line.split(":", -1);
            if (fields.length < 6) {
                return null;
            }
            OptionalLong uid = idInRange(fields[2]);
            OptionalLong gid = idInRange(fields[3]);
            if (uid.isEmpty() || gid.isEmpty()) {
                return null;
            }
            String home = fields[5].isEmpty() ? "/" : fields[5];
            return new UserEntry(fields[0], (int) uid.getAsLong(), (int) gid.getAsLong(), home);
        }
    }

    private record GroupEntry(String name, int gid, Set<String> members) {
        static @Nullable GroupEntry parse(String line) {
            String[] fields = line.split(":", -1);
            if (fields.length < 3) {
                return null;
            }
            OptionalLong gid = idInRange(fields[2]);
            if (gid.isEmpty()) {
                return null;
            }
            Set<String> members =
                    fields.length > 3 ? new LinkedHashSet<>(Arrays.asList(fields[3].split(","))) : Set.of();
            return new GroupEntry(fields[0], (int) gid.getAsLong(), members);
        }
    }
}

package io.berth.registry.account;

import io.berth.registry.audit.AuditLog;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The accounts of people. Thread-safe; what a method has done is durable and in force when it returns. */
@Component
public class Accounts {
    /** The account of the first start. */
    public static final String ADMIN = "admin";

    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}");
    private static final int MAX_GROUPS = 50;

    private final AccountRows rows;
    private final PolicyRows policies;
    private final Directory directory;
    private final AccountPasswords passwords;
    private final FailedLogins failures;
    private final AuditLog audit;
    private final Clock clock = Clock.systemUTC();

    Accounts(
            AccountRows rows,
            PolicyRows policies,
            Directory directory,
            AccountPasswords passwords,
            FailedLogins failures,
            AuditLog audit) {
        this.rows = rows;
        this.policies = policies;
        this.directory = directory;
        this.passwords = passwords;
        this.failures = failures;
        this.audit = audit;
    }

    /** What an account may be changed to; null leaves it as it is. */
    public record Changes(
            @Nullable Boolean administrator,
            @Nullable Boolean disabled,
            @Nullable Set<String> groups) {}

    /** All accounts by name. */
    public List<Account> all() {
        return directory.accounts().stream()
                .sorted(Comparator.comparing(Account::name))
                .toList();
    }

    /**
     * The account of a name and its password; empty for every other pair, after the same work.
     *
     * @param address of the client
     * @throws TooManyLogins when too many passwords of this name or from this address were wrong
     */
    public Optional<Account> login(String name, String password, String address) {
        failures.require(name, address);
        Account account = directory.account(name).orElse(null);
        boolean right = passwords.remembers(account, password)
                || failures.attempt(name, address, () -> passwords.matches(account, password));
        return right && account != null && !account.disabled() ? Optional.of(account) : Optional.empty();
    }

    /**
     * Makes an account.
     *
     * @return whether the name was free
     * @throws IllegalArgumentException for a name, password or group outside its grammar
     */
    public boolean create(String name, String password, boolean administrator, Set<String> groups) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("invalid account name");
        }
        check(groups);
        String hash = passwords.hash(password);
        return directory.change(() -> {
            if (rows.findByName(name).isPresent()) {
                return false;
            }
            rows.save(new AccountEntity(name, hash, administrator, groups, clock.instant()));
            audit.record("account.create", name, described(administrator, false, groups));
            return true;
        });
    }

    private static void check(Set<String> groups) {
        if (groups.size() > MAX_GROUPS
                || !groups.stream().allMatch(group -> GROUP.matcher(group).matches())) {
            throw new IllegalArgumentException("invalid groups");
        }
    }

    private static Map<String, String> described(boolean administrator, boolean disabled, Set<String> groups) {
        return Map.of(
                "administrator", String.valueOf(administrator),
                "disabled", String.valueOf(disabled),
                "groups", String.join(",", new TreeSet<>(groups)));
    }

    /**
     * Changes an account.
     *
     * @return whether there is one of the name
     * @throws IllegalArgumentException for an invalid group, and when no administrator would be left
     */
    public boolean change(String name, Changes changes) {
        if (changes.groups() != null) {
            check(changes.groups());
        }
        return directory.change(() -> {
            AccountEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            if (changes.administrator() != null) {
                row.administrator(changes.administrator());
            }
            if (changes.disabled() != null) {
                row.disabled(changes.disabled(), clock.instant());
            }
            if (changes.groups() != null) {
                row.groups(changes.groups());
            }
            rows.save(row);
            requireAdministrator();
            Account changed = row.account();
            audit.record(
                    "account.change", name, described(changed.administrator(), changed.disabled(), changed.groups()));
            return true;
        });
    }

    private void requireAdministrator() {
        if (rows.findAll().stream()
                .map(AccountEntity::account)
                .noneMatch(account -> account.administrator() && !account.disabled())) {
            throw new IllegalArgumentException("the last administrator must stay");
        }
    }

    /**
     * Sets a password; tokens and logins made with the old one are void from now on.
     *
     * @return whether there is an account of the name
     * @throws IllegalArgumentException for a password that is too short or too long
     */
    public boolean changePassword(String name, String password) {
        String hash = passwords.hash(password);
        return directory.change(() -> {
            AccountEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            row.password(hash, clock.instant());
            rows.save(row);
            audit.record("account.password", name, Map.of());
            return true;
        });
    }

    /**
     * Removes an account and what was granted to it by name.
     *
     * @return whether there was one
     * @throws IllegalArgumentException when no administrator would be left
     */
    public boolean delete(String name) {
        return directory.change(() -> {
            AccountEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            Map<String, String> detail = new HashMap<>();
            int grants =
                    policies.deleteByGrantee(Grantee.of(row.account().subject()).value());
            detail.put("policies", String.valueOf(grants));
            rows.delete(row);
            requireAdministrator();
            audit.record("account.delete", name, detail);
            return true;
        });
    }
}

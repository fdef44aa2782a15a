package io.berth.registry.account;

import io.berth.login.Passwords;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The passwords of accounts. A right one is remembered, as a keyed hash under a key of this process alone, since clients that know no tokens send
 * it with every request. Thread-safe.
 */
@Component
class AccountPasswords {
    private static final int AT_ONCE = 4;

    private final Passwords passwords = new Passwords(AT_ONCE);
    private final SecretKeySpec processKey;
    private final ConcurrentMap<String, byte[]> verified = new ConcurrentHashMap<>();

    AccountPasswords() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        processKey = new SecretKeySpec(key, "HmacSHA256");
    }

    /** See {@link Passwords#hash}. */
    String hash(String password) {
        return passwords.hash(password);
    }

    /** Whether this is the account's password; false, after as much work, when there is no such account. */
    boolean matches(@Nullable Account account, String password) {
        if (remembers(account, password)) {
            return true;
        }
        boolean right = passwords.matches(account == null ? null : account.passwordHash(), password);
        if (account == null || !right) {
            return false;
        }
        verified.put(account.name(), mark(account, password));
        return true;
    }

    /** Whether this was found to be the account's password before, and still is. */
    boolean remembers(@Nullable Account account, String password) {
        byte[] known = account == null ? null : verified.get(account.name());
        return account != null && known != null && MessageDigest.isEqual(known, mark(account, password));
    }

    /** Bound to the hash: a changed password makes it worthless. */
    private byte[] mark(Account account, String password) {
        try {
            Mac mac = Mac.getInstance(processKey.getAlgorithm());
            mac.init(processKey);
            mac.update(account.passwordHash().getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }
}

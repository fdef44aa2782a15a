package io.berth.registry.account.web;

import io.berth.registry.access.Caller;
import io.berth.registry.access.Callers;
import io.berth.registry.access.Subject;
import io.berth.registry.account.Account;
import io.berth.registry.account.Accounts;
import io.berth.registry.account.Secrets;
import io.berth.registry.body.Bodies;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Accounts. No answer carries a hash; a password that was made here is in one answer and nowhere else. */
@RestController
@RequestMapping("/berth/registry/accounts")
final class AccountController {
    private final Accounts accounts;
    private final DataDirectory data;

    AccountController(Accounts accounts, DataDirectory data) {
        this.accounts = accounts;
        this.data = data;
    }

    /** <pre>{"name": "alice", "administrator": false, "disabled": false, "groups": ["devs"], "created": "2026-…Z"}</pre> */
    record AccountView(String name, boolean administrator, boolean disabled, List<String> groups, Instant created) {
        static AccountView of(Account account) {
            return new AccountView(
                    account.name(),
                    account.administrator(),
                    account.disabled(),
                    account.groups().stream().sorted().toList(),
                    account.createdAt());
        }
    }

    record AccountList(List<AccountView> accounts) {}

    /** Password null: one is made, and told once. */
    record NewAccount(
            @Nullable String name,
            @Nullable String password,
            boolean administrator,
            @Nullable Set<String> groups) {}

    record Created(String name, @Nullable String password) {}

    record AccountChange(
            @Nullable Boolean administrator,
            @Nullable Boolean disabled,
            @Nullable Set<String> groups) {}

    /** The present password is asked of everybody who changes their own. */
    record PasswordChange(
            @Nullable String current, @Nullable String password) {}

    @GetMapping
    AccountList list() {
        return new AccountList(accounts.all().stream().map(AccountView::of).toList());
    }

    @PostMapping
    ResponseEntity<Created> create(HttpServletRequest request) throws IOException {
        NewAccount wanted = Bodies.json(request.getInputStream(), NewAccount.class);
        String name = wanted.name() == null ? "" : wanted.name();
        String made = wanted.password() == null ? Secrets.random() : null;
        Set<String> groups = wanted.groups() == null ? Set.of() : wanted.groups();
        String password = made == null ? String.valueOf(wanted.password()) : made;
        boolean free = Refusals.translate(() -> accounts.create(name, password, wanted.administrator(), groups));
        if (!free) {
            throw RegistryException.of(409, ErrorCode.DENIED, "there is an account of this name already");
        }
        return ResponseEntity.status(HttpStatus.CREATED).body(new Created(name, made));
    }

    @PatchMapping("/{account}")
    ResponseEntity<Void> change(@PathVariable String account, HttpServletRequest request) throws IOException {
        AccountChange wanted = Bodies.json(request.getInputStream(), AccountChange.class);
        return found(Refusals.translate(() -> accounts.change(
                account, new Accounts.Changes(wanted.administrator(), wanted.disabled(), wanted.groups()))));
    }

    /** Everybody may change their own password, administrators everybody's. */
    @PutMapping("/{account}/password")
    ResponseEntity<Void> password(@PathVariable String account, HttpServletRequest request) throws IOException {
        Caller caller = Callers.current();
        PasswordChange wanted = Bodies.json(request.getInputStream(), PasswordChange.class);
        boolean own = caller.subject().equals(Subject.user(account));
        String current = wanted.current() == null ? "" : wanted.current();
        if (own
                && accounts.login(account, current, Callers.current().origin().address())
                        .isEmpty()) {
            throw RegistryException.of(ErrorCode.DENIED, "the present password is wrong or missing");
        }
        if (!own && !caller.administrator()) {
            throw RegistryException.of(ErrorCode.DENIED, ErrorCode.DENIED.description());
        }
        String password = wanted.password() == null ? "" : wanted.password();
        boolean known = Refusals.translate(() -> accounts.changePassword(account, password));
        if (known && account.equals(Accounts.ADMIN)) {
            Files.deleteIfExists(data.adminPassword());
        }
        return found(known);
    }

    @DeleteMapping("/{account}")
    ResponseEntity<Void> delete(@PathVariable String account) {
        return found(Refusals.translate(() -> accounts.delete(account)));
    }

    private static ResponseEntity<Void> found(boolean known) {
        if (!known) {
            throw Refusals.unknown("account");
        }
        return ResponseEntity.noContent().build();
    }
}

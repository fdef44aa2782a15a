package io.berth.registry.account;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface AccountRows extends Repository<AccountEntity, Long> {
    AccountEntity save(AccountEntity account);

    Optional<AccountEntity> findByName(String name);

    List<AccountEntity> findAll();

    void delete(AccountEntity account);
}

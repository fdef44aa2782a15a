package io.berth.gateway.access.account;

import java.time.Instant;
import java.util.List;
import org.springframework.data.repository.Repository;

interface CredentialRows extends Repository<CredentialEntity, Long> {
    CredentialEntity save(CredentialEntity credential);

    List<CredentialEntity> findAll();

    int removeById(long id);

    int deleteByMemberName(String member);

    int deleteByMemberNameAndKind(String member, String kind);

    int deleteByExpiresAtBefore(Instant time);
}

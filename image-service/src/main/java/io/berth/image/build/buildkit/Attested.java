package io.berth.image.build.buildkit;

import io.berth.image.build.BuiltImage;
import io.berth.image.build.attest.AttestationOptions;
import io.berth.image.build.attest.BuildAttestations;
import io.berth.image.build.attest.BuildFacts;
import io.berth.image.build.attest.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is attested of one build, found out when it is first needed: it goes with every export. Thread-safe. */
final class Attested {
    private final BuildAttestations attestations;
    private final AttestationOptions options;
    private final BuildFacts facts;
    private final BuiltImage built;
    private @Nullable List<Statement> statements;

    Attested(BuildAttestations attestations, AttestationOptions options, BuildFacts facts, BuiltImage built) {
        this.attestations = attestations;
        this.options = options;
        this.facts = facts;
        this.built = built;
    }

    boolean isEmpty() {
        return options.isEmpty();
    }

    synchronized List<Statement> statements() {
        if (statements == null) {
            statements = List.copyOf(attestations.statements(options, facts, built));
        }
        return statements;
    }
}

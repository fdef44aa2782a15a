package io.berth.image.build;

import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.GlobalArgs;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which stages are meant by names, and which of them a build needs. */
record StageNames(Dockerfile dockerfile, BuildInput input, GlobalArgs globals) {
    /** A stage and all that it names, as far as that can be told before variables are known. */
    Set<Integer> needed(Stage target) throws IOException, InterruptedException {
        Set<Integer> needed = new HashSet<>();
        add(target, needed);
        return needed;
    }

    private void add(Stage stage, Set<Integer> needed) throws IOException, InterruptedException {
        if (!needed.add(stage.index())) {
            return;
        }
        Optional<Stage> base =
                base(dockerfile.expansion().word(stage.from().base(), globals).text(), stage);
        if (base.isPresent()) {
            add(base.get(), needed);
        }
        List<String> names = new ArrayList<>();
        for (Instruction instruction : stage.instructions()) {
            if (instruction instanceof Instruction.Copy copy && copy.from() != null) {
                names.add(dockerfile.expansion().word(copy.from(), globals).text());
            } else if (instruction instanceof Instruction.Run run) {
                run.mountFlags().forEach(flag -> names.addAll(from(flag)));
            }
        }
        for (String name : names) {
            Optional<Stage> found = source(name, stage);
            if (found.isPresent()) {
                add(found.get(), needed);
            }
        }
    }

    private List<String> from(String mountFlag) {
        List<String> names = new ArrayList<>();
        for (String option : mountFlag.split(",")) {
            if (option.startsWith("from=")) {
                names.add(dockerfile
                        .expansion()
                        .word(option.substring("from=".length()), globals)
                        .text());
            }
        }
        return names;
    }

    /** The stage that FROM names. A named context goes before a stage of its name. */
    Optional<Stage> base(String name, Stage stage) throws IOException, InterruptedException {
        return input.named(name).isPresent() ? Optional.empty() : dockerfile.base(name, stage.index());
    }

    /** The stage that COPY --from or a mount names. */
    Optional<Stage> source(String name, Stage stage) throws IOException, InterruptedException {
        if (input.named(name).isPresent()) {
            return Optional.empty();
        }
        Optional<Stage> found = dockerfile.stage(name);
        if (found.isPresent() && found.get().index() >= stage.index()) {
            throw new BuildFailure("cannot copy from stage \"" + name
                    + "\", it needs to be defined before current stage \"" + stage.name() + "\"");
        }
        return found;
    }
}

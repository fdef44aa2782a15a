package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.SourceLines;
import io.berth.dockerfile.Warning;
import io.berth.image.build.BuildListener;
import io.berth.oci.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells BuildKit's clients of a build: each step that may change files is a vertex. Thread-safe. */
final class VertexListener implements BuildListener {
    private static final Progress SILENT = new Progress() {
        @Override
        public void running() {
            // settings take no time
        }

        @Override
        public void output(boolean error, byte[] content) {
            // a step without a command has no output
        }

        @Override
        public void status(String part, long current, long total) {
            // nothing is transferred
        }

        @Override
        public void cached() {
            // not told
        }

        @Override
        public void done(String result) {
            // not told
        }

        @Override
        public void failed(String message) {
            // the build's own failure is
        }
    };

    private final BuildProgress progress;
    private final BuildProgress.Vertex definition;
    private final String filename;
    private final String dockerfile;
    private final String platform;
    private final Map<Integer, StageOutline> outlines = new HashMap<>();
    private volatile @Nullable Digest failed;

    /**
     * @param definition the step that has read the Dockerfile
     * @param platform that names of steps begin with; empty where there is one alone
     */
    VertexListener(
            BuildProgress progress,
            BuildProgress.Vertex definition,
            String filename,
            String dockerfile,
            String platform) {
        this.platform = platform.isEmpty() ? "" : platform + " ";
        this.progress = progress;
        this.definition = definition;
        this.filename = filename;
        this.dockerfile = dockerfile;
    }

    @Override
    public synchronized void stages(List<StageOutline> stages) {
        stages.forEach(stage -> outlines.put(stage.index(), stage));
    }

    @Override
    public synchronized Progress begin(Step step) {
        StageOutline stage = outlines.get(step.stage());
        if (stage != null && step.filesNumber() == 0) {
            return SILENT;
        }
        String prefix = "";
        if (stage != null) {
            String counted = step.filesNumber() + "/" + stage.filesSteps();
            prefix = outlines.size() > 1
                    ? "[" + platform + stage.name() + " " + counted + "] "
                    : "[" + platform + counted + "] ";
        }
        BuildProgress.Vertex vertex = progress.vertex(step.id(), prefix + step.text(), step.inputs());
        return new Told(vertex);
    }

    @Override
    public void warning(Warning warning) {
        String name = warning.check().checkName();
        definition.warning(new BuildProgress.Warning(
                1,
                name + ": " + warning.message() + " (line " + warning.lines().first() + ")",
                List.of(warning.check().description()),
                warning.check().url(),
                List.of(lines(warning.lines().first(), warning.lines().last()))));
    }

    @Override
    public void unusedArguments(List<String> names) {
        definition.warning(new BuildProgress.Warning(
                1, "One or more build-args " + names + " were not consumed", List.of(), "", List.of()));
    }

    SourceLines lines(int first, int last) {
        return new SourceLines(filename, dockerfile, List.of(new SourceLines.Range(first, last)));
    }

    /** The step that failed, or null. */
    @Nullable
    Digest failed() {
        return failed;
    }

    private final class Told implements Progress {
        private final BuildProgress.Vertex vertex;
        private boolean started;
        private boolean cached;

        Told(BuildProgress.Vertex vertex) {
            this.vertex = vertex;
        }

        @Override
        public void running() {
            started = true;
            vertex.started();
        }

        @Override
        public void output(boolean error, byte[] content) {
            vertex.log(error ? 2 : 1, content, 0, content.length);
        }

        @Override
        public void status(String part, long current, long total) {
            vertex.status(new BuildProgress.Status(part, current, total, total > 0 && current >= total));
        }

        @Override
        public void cached() {
            cached = true;
            vertex.cached();
        }

        @Override
        public void done(String result) {
            if (cached) {
                return;
            }
            if (!started) {
                vertex.started();
            }
            vertex.completed();
        }

        @Override
        public void failed(String message) {
            if (failed == null && !message.equals("canceled")) {
                failed = vertex.digest();
            }
            vertex.failed(message.equals("canceled") ? "context canceled" : message);
        }
    }
}

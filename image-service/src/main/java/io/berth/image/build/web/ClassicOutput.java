package io.berth.image.build.web;

import io.berth.docker.image.JsonMessage;
import io.berth.dockerfile.Warning;
import io.berth.image.build.BuildListener;
import io.berth.image.progress.ProgressStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells a build in the words of Docker's classic builder. Stages are built side by side and told one after the other: what comes of
 * a later one waits until those before it are done.
 */
final class ClassicOutput implements BuildListener {
    private final ProgressStream out;
    private final boolean quiet;
    private final Map<Integer, StageText> stages = new TreeMap<>();
    private int total;

    ClassicOutput(ProgressStream out, boolean quiet) {
        this.out = out;
        this.quiet = quiet;
    }

    private static final class StageText {
        private final int before;
        private final int steps;
        private final List<String> waiting = new ArrayList<>();
        private int done;

        StageText(int before, int steps) {
            this.before = before;
            this.steps = steps;
        }
    }

    @Override
    public synchronized void stages(List<StageOutline> outlines) {
        for (StageOutline outline : outlines) {
            stages.put(outline.index(), new StageText(total, outline.steps()));
            total += outline.steps();
        }
    }

    @Override
    public synchronized Progress begin(Step step) {
        StageText stage = stages.get(step.stage());
        if (stage != null) {
            say(step.stage(), "Step " + (stage.before + step.number()) + "/" + total + " : " + step.text() + "\n");
        }
        return new Lines(step);
    }

    @Override
    public synchronized void warning(Warning warning) {
        send("[Warning] " + warning.message() + " (line " + warning.lines().first() + ")\n");
    }

    @Override
    public synchronized void unusedArguments(List<String> names) {
        end();
        send("[Warning] One or more build-args " + names + " were not consumed\n");
    }

    /** A line of a stage: at once when all stages before it are done. */
    private void say(int stage, String text) {
        StageText told = stages.get(stage);
        if (told == null) {
            return;
        }
        told.waiting.add(text);
        flush();
    }

    private void flush() {
        for (StageText stage : stages.values()) {
            stage.waiting.forEach(this::send);
            stage.waiting.clear();
            if (stage.done < stage.steps) {
                return;
            }
        }
    }

    /** Everything that waits, whatever its order: the build is over. */
    synchronized void end() {
        for (StageText stage : stages.values()) {
            stage.waiting.forEach(this::send);
            stage.waiting.clear();
        }
    }

    private void send(String text) {
        if (quiet) {
            return;
        }
        try {
            out.send(JsonMessage.stream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Lines implements Progress {
        private final Step step;
        /** Output may be cut anywhere, also within a character. */
        private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

        Lines(Step step) {
            this.step = step;
        }

        @Override
        public void running() {
            // said when it began
        }

        @Override
        public void output(boolean error, byte[] content) {
            synchronized (ClassicOutput.this) {
                int end = content.length;
                while (end > 0 && content[end - 1] < 0) {
                    end--; // within a character, perhaps
                }
                rest.write(content, 0, end);
                if (rest.size() > 0) {
                    say(step.stage(), rest.toString(StandardCharsets.UTF_8));
                }
                rest.reset();
                rest.write(content, end, content.length - end);
            }
        }

        @Override
        public void status(String part, long current, long size) {
            // the classic builder's own messages of a pull come without a step; they are left out
        }

        @Override
        public void cached() {
            synchronized (ClassicOutput.this) {
                say(step.stage(), " ---> Using cache\n");
            }
        }

        @Override
        public void done(String result) {
            synchronized (ClassicOutput.this) {
                if (rest.size() > 0) {
                    say(step.stage(), rest.toString(StandardCharsets.UTF_8));
                }
                say(step.stage(), " ---> " + result + "\n");
                StageText stage = stages.get(step.stage());
                if (stage != null) {
                    stage.done++;
                    flush();
                }
            }
        }

        @Override
        public void failed(String message) {
            synchronized (ClassicOutput.this) {
                if (rest.size() > 0) {
                    say(step.stage(), rest.toString(StandardCharsets.UTF_8));
                }
                end();
            }
        }
    }
}

package io.berth.image.source;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/** Keeps JGit from reading the machine's git configuration, which could rewrite addresses, run filters and give away credentials. */
final class BareSystemReader extends SystemReader.Delegate {
    private BareSystemReader(SystemReader platform) {
        super(platform);
    }

    /** For the whole process; nothing else in it uses JGit. */
    static synchronized void install() {
        if (!(SystemReader.getInstance() instanceof BareSystemReader)) {
            SystemReader.setInstance(new BareSystemReader(SystemReader.getInstance()));
        }
    }

    @Override
    public @Nullable String getenv(String variable) {
        // GIT_DIR, GIT_CONFIG_NOSYSTEM and their kind are for people's shells.
        return variable.startsWith("GIT_") ? null : super.getenv(variable);
    }

    @Override
    public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
        return empty(parent, fs);
    }

    @Override
    public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
        return empty(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
        return empty(parent, fs);
    }

    private static FileBasedConfig empty(@Nullable Config parent, FS fs) {
        return new FileBasedConfig(parent, null, fs) {
            @Override
            public void load() {
                // there is nothing to load
            }

            @Override
            public void save() {
                // what JGit measures of file systems is measured again in the next process
            }

            @Override
            public boolean isOutdated() {
                return false;
            }
        };
    }
}

package io.berth.image.build.sbom;

import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.Resolution;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for packages in a root file system, which is somebody else's work: no link is followed, every file is opened by its name
 * in an open directory, only regular files are read, and depth, number and sizes have limits. What cannot be read is left out.
 *
 * <p>Found are the databases of dpkg and apk, Java archives, npm's {@code package.json} and Python's metadata. Databases of rpm are
 * noticed, but not read.
 *
 * <p>For one thread, once.
 */
final class RootFileSystemScan {
    private static final int MAX_DEPTH = 128;
    private static final int MAX_FILES = 3_000_000;
    static final int MAX_PACKAGES = 30_000;
    private static final int MAX_DATABASE_BYTES = 64 * 1024 * 1024;
    private static final int MAX_DESCRIPTION_BYTES = 1024 * 1024;
    private static final long MAX_ARCHIVES_BYTES = 8L * 1024 * 1024 * 1024;

    private static final Set<String> DPKG = Set.of("var/lib/dpkg/status");
    private static final Set<String> APK = Set.of("lib/apk/db/installed", "usr/lib/apk/db/installed");
    private static final Set<String> RPM = Set.of(
            "var/lib/rpm/rpmdb.sqlite",
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "usr/lib/sysimage/rpm/rpmdb.sqlite",
            "usr/lib/sysimage/rpm/Packages.db");

    private final Directory root;
    private final JavaArchives archives = new JavaArchives(MAX_ARCHIVES_BYTES);
    private final Set<SoftwarePackage> found = new TreeSet<>();
    private final List<String> remarks = new ArrayList<>();
    private Distribution distribution = Distribution.UNKNOWN;
    private int files;

    /** @param root belongs to the caller */
    RootFileSystemScan(Directory root) {
        this.root = root;
    }

    /**
     * What was found.
     *
     * @param packages sorted
     * @param remarks what is missing, and why
     */
    record Found(List<SoftwarePackage> packages, Distribution distribution, List<String> remarks) {
        Found {
            packages = List.copyOf(packages);
            remarks = List.copyOf(remarks);
        }
    }

    Found scan() {
        try (Directory top = Directory.own(root.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS)) {
            distribution = distribution(top);
            walk(top, "", 0);
        }
        if (found.size() >= MAX_PACKAGES) {
            remarks.add("more than " + MAX_PACKAGES + " packages: the rest is left out");
        }
        if (files >= MAX_FILES) {
            remarks.add("more than " + MAX_FILES + " files: the rest was not looked at");
        }
        if (archives.exhausted()) {
            remarks.add(
                    "Java archives unpack to more than " + MAX_ARCHIVES_BYTES + " bytes: the rest was not looked at");
        }
        return new Found(List.copyOf(found), distribution, remarks);
    }

    private static Distribution distribution(Directory top) {
        for (String path : List.of("usr/lib/os-release", "etc/os-release")) {
            try {
                return Distribution.parse(
                        new String(top.readRegular(path, MAX_DESCRIPTION_BYTES), StandardCharsets.UTF_8));
            } catch (SyscallException e) {
                // a link, or not there
            }
        }
        return Distribution.UNKNOWN;
    }

    private boolean enough() {
        return files >= MAX_FILES || found.size() >= MAX_PACKAGES;
    }

    private void walk(Directory directory, String path, int depth) {
        List<DirectoryEntry> entries = directory.list();
        entries.sort(Comparator.comparing(DirectoryEntry::name));
        for (DirectoryEntry entry : entries) {
            if (enough()) {
                return;
            }
            files++;
            String below = path.isEmpty() ? entry.name() : path + "/" + entry.name();
            try {
                if (entry.type() == FileType.DIRECTORY) {
                    if (depth < MAX_DEPTH) {
                        try (Directory next = directory.openDirectory(entry.name())) {
                            walk(next, below, depth + 1);
                        }
                    }
                } else if (entry.type() == FileType.REGULAR) {
                    file(directory, entry.name(), below);
                }
            } catch (SyscallException e) {
                remarks.add(below + " cannot be read: " + e.errno());
            }
        }
    }

    private void file(Directory directory, String name, String path) {
        if (DPKG.contains(path) || (path.startsWith("var/lib/dpkg/status.d/") && !name.endsWith(".md5sums"))) {
            add(SystemPackages.dpkg(text(directory, name, MAX_DATABASE_BYTES), path, distribution));
        } else if (APK.contains(path)) {
            add(SystemPackages.apk(text(directory, name, MAX_DATABASE_BYTES), path, distribution));
        } else if (RPM.contains(path)) {
            remarks.add(path + ": databases of rpm are not read, its packages are missing");
        } else if (isPython(path)) {
            LanguagePackages.python(text(directory, name, MAX_DESCRIPTION_BYTES), path)
                    .ifPresent(this::add);
        } else if (isNpm(path)) {
            LanguagePackages.npm(bytes(directory, name, MAX_DESCRIPTION_BYTES), path)
                    .ifPresent(this::add);
        } else if (JavaArchives.isArchive(name)) {
            archive(directory, name, path);
        }
    }

    private static boolean isPython(String path) {
        return path.endsWith(".dist-info/METADATA")
                || path.endsWith(".egg-info/PKG-INFO")
                || path.endsWith(".egg-info");
    }

    /** Only of installed packages: {@code node_modules/name} or {@code node_modules/@scope/name}. */
    private static boolean isNpm(String path) {
        String[] parts = path.split("/");
        int last = parts.length - 1;
        return last >= 2
                && parts[last].equals("package.json")
                && (parts[last - 2].equals("node_modules")
                        || (last >= 3 && parts[last - 2].startsWith("@") && parts[last - 3].equals("node_modules")));
    }

    private void archive(Directory directory, String name, String path) {
        try (FileHandle file = directory.openRegular(name);
                InputStream in = new BufferedInputStream(file.inputStream(), 64 * 1024)) {
            add(archives.read(in, path));
        } catch (IOException e) {
            remarks.add(path + " cannot be read");
        }
    }

    private static String text(Directory directory, String name, int maxBytes) {
        return new String(bytes(directory, name, maxBytes), StandardCharsets.UTF_8);
    }

    /** What is larger is no description of a package. */
    private static byte[] bytes(Directory directory, String name, int maxBytes) {
        FileStat stat = directory.stat(name);
        return stat.size() > maxBytes ? new byte[0] : directory.readRegular(name, maxBytes);
    }

    private void add(SoftwarePackage one) {
        add(List.of(one));
    }

    private void add(Collection<SoftwarePackage> more) {
        for (SoftwarePackage one : more) {
            if (found.size() < MAX_PACKAGES) {
                boolean _ = found.add(one);
            }
        }
    }
}

package io.berth.linux.fd;

/**
 * One name in a directory, as getdents64(2) tells it; never {@code .} or {@code ..}.
 *
 * @param name decoded without loss, see {@link io.berth.linux.FileNameCodec}
 * @param type {@link FileType#UNKNOWN} where the file system does not say: then stat it
 * @param inode inode number
 */
public record DirectoryEntry(String name, FileType type, long inode) {}

package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What is at a path inside a container, as the header {@code X-Docker-Container-Path-Stat} has it in base64.
 *
 * <pre>{"name": "bin", "size": 4096, "mode": 2147484141, "mtime": "2026-01-01T00:00:00Z", "linkTarget": ""}</pre>
 *
 * @param name the last component of the path
 * @param size bytes
 * @param mode as Go's os.FileMode: permissions, and the kind of file in bits of its own
 * @param mtime RFC 3339 with nanoseconds
 * @param linkTarget where a symbolic link leads in the end, as a path of the container; else empty
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record PathStat(String name, long size, long mode, String mtime, String linkTarget) {}

package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An operation of the Docker Engine API with a valid request for it, read from {@code compatibility/operations.txt}.
 *
 * @param tag section of the specification
 * @param method of HTTP
 * @param path with its parameters in braces
 * @param since first API version that has it; {@code 1.24} for all older ones
 * @param request path and query of a request, with placeholders
 * @param body JSON with placeholders, {@code @tar}, {@code @image} or empty
 */
record ApiOperation(String tag, String method, String path, String since, String summary, String request, String body) {

    static List<ApiOperation> read(Path file) {
        List<ApiOperation> operations = new ArrayList<>();
        String tag = "";
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("## ")) {
                    tag = line.substring(3);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split("\\s*\\|\\s*", 5);
                    String[] name = parts[0].split(" ", 2);
                    operations.add(
                            new ApiOperation(tag, name[0], name[1], parts[1], parts[2], parts[3], parts[4].strip()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return operations;
    }
}

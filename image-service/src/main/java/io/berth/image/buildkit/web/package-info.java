/** {@code POST /grpc} and {@code POST /session}. */
@NullMarked
package io.berth.image.buildkit.web;

import org.jspecify.annotations.NullMarked;

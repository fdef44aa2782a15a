/**
 * Wire records of the Engine API that speak of registries: login, distribution, the result of a push.
 */
@NullMarked
package io.berth.docker.registry;

import org.jspecify.annotations.NullMarked;

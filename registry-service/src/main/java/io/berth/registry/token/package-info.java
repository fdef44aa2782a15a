/**
 * The registry's own tokens: access tokens, refresh tokens and the keys that sign them.
 */
@NullMarked
package io.berth.registry.token;

import org.jspecify.annotations.NullMarked;

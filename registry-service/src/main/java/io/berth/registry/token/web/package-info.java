/**
 * The administration of the keys that sign tokens.
 */
@NullMarked
package io.berth.registry.token.web;

import org.jspecify.annotations.NullMarked;

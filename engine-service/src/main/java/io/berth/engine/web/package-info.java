/**
 * What all controllers share: versions, query and body reading, errors, hijacked connections.
 */
@NullMarked
package io.berth.engine.web;

import org.jspecify.annotations.NullMarked;

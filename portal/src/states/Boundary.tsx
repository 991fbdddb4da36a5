/** Keeps a broken part from taking the page with it. */

import { Component, type ReactNode } from "react";

import { ProblemView } from "./ProblemView";

interface BoundaryState {
  error: Error | null;
}

export class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return <ProblemView error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
